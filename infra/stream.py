"""The function behind `POST /query/stream`: the same app, served by uvicorn behind the Web Adapter.

Python has no native response streaming in Lambda; the adapter, a layer of AWS's own, adds it.
"""

from collections.abc import Sequence

from aws_cdk import Aws, Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.answering import allow_answering, answering_environment
from infra.config import Config
from infra.python_function import PythonFunction, Shape
from infra.shared import Shared

TIMEOUT = Duration.seconds(120)  # the gateway would stream for up to 15 minutes
ADAPTER_ACCOUNT = "753240598075"  # publishes the adapter's layer (its README, "Zip Packages")


class Stream(Construct):
    """Exposes `function`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shared: Shared,
        layers: Sequence[lambda_.ILayerVersion],
    ) -> None:
        super().__init__(scope, construct_id)
        made = PythonFunction(
            self,
            "Stream",
            build=shared.build,
            shape=Shape(
                handler="lambdas/query/run.sh",
                timeout=TIMEOUT,
                memory_mb=1769,
                layers=[*layers, self._adapter(shared.config)],
            ),
            environment={
                **answering_environment(shared),
                "AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap",
                "AWS_LWA_INVOKE_MODE": "response_stream",
            },
        )
        allow_answering(made, shared)
        self.function = made.function

    def _adapter(self, config: Config) -> lambda_.ILayerVersion:
        name = "LambdaAdapterLayerArm64" if config.arch == "arm64" else "LambdaAdapterLayerX86"
        return lambda_.LayerVersion.from_layer_version_arn(
            self,
            "Adapter",
            f"arn:{Aws.PARTITION}:lambda:{Aws.REGION}:{ADAPTER_ACCOUNT}"
            f":layer:{name}:{config.adapter_version}",
        )

"""Who holds an API key may call, as often as the plan lets one key."""

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.config import Config


class UsagePlan(Construct):
    """Exposes `plan`, which `askbucket key add` puts keys into; the stack itself makes none."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, api: apigateway.RestApi
    ) -> None:
        super().__init__(scope, construct_id)
        burst = max(1, config.throttle_burst // 2)  # one key never takes the whole API's
        self.plan = apigateway.UsagePlan(
            self,
            "Plan",
            throttle=apigateway.ThrottleSettings(
                rate_limit=max(1, config.throttle_rate // 2), burst_limit=burst
            ),
            quota=apigateway.QuotaSettings(
                limit=config.key_per_month, period=apigateway.Period.MONTH
            ),
        )
        self.plan.add_api_stage(stage=api.deployment_stage)

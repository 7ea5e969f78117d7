"""The third-party packages of a function as a layer, built on this machine without Docker."""

from aws_cdk import AssetHashType, BundlingOptions
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.build import ROOT, RUNTIME, architecture
from infra.bundling import UvBundling
from infra.config import Config


class DependencyLayer(Construct):
    """Exposes `layers`: one layer made from `layers/NAME/requirements.txt`, or none at all with
    `-c layers=venv`, where the emulator's workers import everything from .venv."""

    def __init__(self, scope: Construct, construct_id: str, *, config: Config, name: str) -> None:
        super().__init__(scope, construct_id)
        self.layers: list[lambda_.ILayerVersion] = []
        if config.layers == "bundled":
            self.layers.append(self._bundled(config, name))

    def _bundled(self, config: Config, name: str) -> lambda_.LayerVersion:
        folder = ROOT / "layers" / name
        bundling = UvBundling(requirements=folder / "requirements.txt", arch=config.arch)
        return lambda_.LayerVersion(
            self,
            "Layer",
            code=lambda_.Code.from_asset(
                str(folder),
                asset_hash_type=AssetHashType.CUSTOM,
                asset_hash=bundling.fingerprint(),
                # An image must be named but is never pulled: the local bundling works or raises.
                bundling=BundlingOptions(image=RUNTIME.bundling_image, local=bundling),
            ),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[architecture(config)],
            description=f"Pinned packages of {name}",
        )

"""What every function is built from: our code as one asset, our package as one layer."""

from pathlib import Path

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import Config
from infra.python_function import Build

ROOT = Path(__file__).parent.parent
RUNTIME = lambda_.Runtime.PYTHON_3_13
CACHES = ["**/__pycache__", "**/*.pyc", "**/.DS_Store"]


def architecture(config: Config) -> lambda_.Architecture:
    """The processor the functions run on."""
    arm = config.arch == "arm64"
    return lambda_.Architecture.ARM_64 if arm else lambda_.Architecture.X86_64


def build(scope: Construct, config: Config) -> Build:
    """The functions' common parts. The code asset holds `lambdas/` under its own name, so that
    `lambdas.ingest.handler` is the import path in Lambda, in tests and on a laptop."""
    return Build(
        code=lambda_.Code.from_asset(
            str(ROOT), exclude=["/*", "!/lambdas", *CACHES], ignore_mode=IgnoreMode.GIT
        ),
        runtime=RUNTIME,
        architecture=architecture(config),
        shared_layer=lambda_.LayerVersion(
            scope,
            "SharedLayer",
            code=lambda_.Code.from_asset(
                str(ROOT / "layers" / "shared"), exclude=CACHES, ignore_mode=IgnoreMode.GIT
            ),
            compatible_runtimes=[RUNTIME],
            description="The askbucket package",
        ),
        log_retention=_retention(config.log_retention_days),
        log_level=config.log_level,
        xray=config.xray,
    )


def _retention(days: int) -> logs.RetentionDays:
    named = {
        1: logs.RetentionDays.ONE_DAY,
        3: logs.RetentionDays.THREE_DAYS,
        5: logs.RetentionDays.FIVE_DAYS,
        7: logs.RetentionDays.ONE_WEEK,
        14: logs.RetentionDays.TWO_WEEKS,
        30: logs.RetentionDays.ONE_MONTH,
        60: logs.RetentionDays.TWO_MONTHS,
        90: logs.RetentionDays.THREE_MONTHS,
        120: logs.RetentionDays.FOUR_MONTHS,
        150: logs.RetentionDays.FIVE_MONTHS,
        180: logs.RetentionDays.SIX_MONTHS,
        365: logs.RetentionDays.ONE_YEAR,
        400: logs.RetentionDays.THIRTEEN_MONTHS,
        545: logs.RetentionDays.EIGHTEEN_MONTHS,
        731: logs.RetentionDays.TWO_YEARS,
    }
    return named[days]

"""Stages as values: what a development and a production deployment choose differently."""

from collections.abc import Mapping
from dataclasses import dataclass

KEEPABLE = ("documents", "artifacts", "manifest", "index")  # index: with -c qdrant=ec2


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Defaults of `infra.config.Config`, by its field names; a context key still overrides them."""

    stack_name: str = "Askbucket"
    keep: str = ",".join(KEEPABLE)  # what `cdk destroy` leaves behind, or "none"
    termination_protection: bool = False
    log_retention_days: int = 30
    noncurrent_days: int = 30
    throttle_rate: int = 50
    throttle_burst: int = 100


DEFAULT = Stage()
STAGES: Mapping[str, Stage] = {
    "": DEFAULT,
    "dev": Stage(
        stack_name="Askbucket-dev",
        keep="none",
        log_retention_days=7,
        noncurrent_days=1,
        throttle_rate=10,
        throttle_burst=20,
    ),
    "prod": Stage(
        stack_name="Askbucket-prod",
        termination_protection=True,
        log_retention_days=365,
        noncurrent_days=90,
        throttle_rate=100,
        throttle_burst=200,
    ),
}

"""cdk-nag's AWS Solutions rules as part of synthesis."""

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks


def check_with_nag(app: App) -> None:
    """Makes `app.synth()` raise on a finding that infra/acknowledgements.py has no reason for."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))

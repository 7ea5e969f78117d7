"""How a repository's workflows deploy: by a role they are lent for the run, and no stored key."""

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

ISSUER = "token.actions.githubusercontent.com"
ENVIRONMENTS = ("dev", "production")  # as .github/workflows/deploy.yml names them
BOOTSTRAP = "hnb659fds"  # the CDK's default bootstrap qualifier
BOOTSTRAP_ROLES = ("deploy", "file-publishing", "lookup")


class GithubStack(Stack):
    """One OIDC provider and one role, deployed by hand once: `-c github_repo=OWNER/NAME`.

    The role may only assume the roles that `cdk bootstrap` made; those hold the powers to deploy.
    """

    def __init__(self, scope: Construct, construct_id: str, *, repository: str) -> None:
        super().__init__(scope, construct_id, description="Askbucket: deploys from GitHub")
        # The L1 resource: the L2 one is a custom resource with a function of its own.
        provider = iam.CfnOIDCProvider(
            self, "Provider", url=f"https://{ISSUER}", client_id_list=["sts.amazonaws.com"]
        )
        subjects = [f"repo:{repository}:environment:{name}" for name in ENVIRONMENTS]
        role = iam.Role(
            self,
            "DeployRole",
            description=f"Workflows of {repository} deploy Askbucket by it",
            max_session_duration=Duration.hours(1),
            assumed_by=iam.WebIdentityPrincipal(
                provider.attr_arn,
                {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subjects}},
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["sts:AssumeRole"],
                resources=[self._bootstrap_role(name) for name in BOOTSTRAP_ROLES],
            )
        )
        CfnOutput(self, "DeployRoleArn", value=role.role_arn)

    def _bootstrap_role(self, name: str) -> str:
        role = f"cdk-{BOOTSTRAP}-{name}-role-{self.account}-{self.region}"
        return f"arn:{self.partition}:iam::{self.account}:role/{role}"

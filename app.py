"""The CDK app: one stack, checked by cdk-nag while it is synthesised."""

import sys

from infra.checks import BadContext
from infra.config import Config
from infra.node import use_pinned_node


def main() -> None:
    """Writes the cloud assembly to where the CDK CLI asks for it.

    A bad context value, or a finding nobody gave a reason for, ends with exit code 1.
    """
    use_pinned_node()
    import aws_cdk as cdk  # starts Node, which had to be chosen first

    from infra.github import GithubStack
    from infra.rules import check_with_nag
    from infra.stack import AskbucketStack

    app = cdk.App()
    try:
        config = Config.from_context(app.node.try_get_context)
    except BadContext as error:
        sys.exit(f"askbucket: context {error}")
    AskbucketStack(app, "Askbucket", config=config)
    if config.github_repo:
        GithubStack(app, "AskbucketGithub", repository=config.github_repo)
    check_with_nag(app)
    app.synth()


if __name__ == "__main__":
    main()

"""What outlives the stack, by the one setting that names it."""

from aws_cdk import RemovalPolicy

from infra.config import Config


def removal_of(what: str, config: Config) -> RemovalPolicy:
    """RETAIN for what `-c keep=` names, DESTROY for the rest.

    A bucket that goes must be empty by then. `make destroy` empties it: doing so from inside the
    stack would need a custom resource with power over every object.
    """
    return RemovalPolicy.RETAIN if config.keeps(what) else RemovalPolicy.DESTROY

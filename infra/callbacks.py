"""What it takes to call callers back: the hosts that may be called, and the key that signs."""

from infra.python_function import PythonFunction
from infra.shared import Shared


def callback_environment(shared: Shared) -> dict[str, str]:
    """Nothing where no host may be called."""
    key = shared.keys.callback
    if key is None:
        return {}
    return {
        "ASKBUCKET_CALLBACK_HOSTS": shared.config.callback_hosts,
        "ASKBUCKET_CALLBACK_SECRET_ARN": key.secret_arn,
    }


def allow_callbacks(made: PythonFunction, shared: Shared) -> None:
    """Lets a function read the key."""
    if shared.keys.callback:
        made.allow("secretsmanager:GetSecretValue", on=[shared.keys.callback.secret_arn])

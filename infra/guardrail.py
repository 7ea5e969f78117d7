"""The guardrail that functions which answer may apply, if the context names one."""

from aws_cdk import Stack

from infra.config import Config
from infra.python_function import PythonFunction


def guardrail_environment(config: Config) -> dict[str, str]:
    """Its variables; none without a guardrail."""
    name, _, version = config.guardrail.rpartition(":")
    if not name:
        return {}
    return {"ASKBUCKET_GUARDRAIL_ID": name, "ASKBUCKET_GUARDRAIL_VERSION": version}


def allow_guardrail(made: PythonFunction, config: Config) -> None:
    """Converse checks this permission beside that for the model."""
    name, _, _ = config.guardrail.rpartition(":")
    if not name:
        return
    stack = Stack.of(made)
    here = f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}:guardrail/{name}"
    made.allow("bedrock:ApplyGuardrail", on=[name if name.startswith("arn:") else here])

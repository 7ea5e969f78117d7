"""The ARNs a Bedrock model id stands for: one model, or a profile that routes to other regions."""

from collections.abc import Iterable

from aws_cdk import Stack

# Regions a geographic inference profile may route to, for any model (Bedrock guide, "Geographic
# cross-Region inference", read 2026-11-20). A model uses some of them; naming one too many grants
# the same model in one more region of the same geography, naming one too few fails some requests.
PROFILE_REGIONS: dict[str, tuple[str, ...]] = {
    "us": ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1"),
    "eu": (
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
    ),
    "us-gov": ("us-gov-east-1", "us-gov-west-1"),
    "jp": ("ap-northeast-1", "ap-northeast-3"),
    "au": ("ap-southeast-2", "ap-southeast-4"),
    "apac": (
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
    ),
}
GLOBAL = "global"


def model_arns(stack: Stack, model: str) -> list[str]:
    """All ARNs InvokeModel is checked against when `model` is called from the stack's region."""
    geography, _, base = model.partition(".")
    if geography == GLOBAL:
        # The request's own region, and the foundation model without a region, wherever it runs.
        return [
            _profile(stack, model),
            _foundation(stack, stack.region, base),
            _foundation(stack, "", base),
        ]
    if geography in PROFILE_REGIONS:
        regions = PROFILE_REGIONS[geography]
        return [_profile(stack, model), *(_foundation(stack, r, base) for r in regions)]
    return [_foundation(stack, stack.region, model)]


def chat_model_arns(stack: Stack, models: Iterable[str]) -> list[str]:
    """The same for chat models as settings name them: an id, an ARN, or ID=ARN, where the profile
    and the model behind it are both checked. A server's models (NAME@URL) have none."""
    found: list[str] = []
    for model in models:
        base, _, target = model.rpartition("=")
        if target.startswith("arn:"):
            found += [target, *model_arns(stack, base or target.rpartition("/")[2])]
        elif "@" not in model:
            found += model_arns(stack, target)
    return list(dict.fromkeys(found))


def _profile(stack: Stack, model: str) -> str:
    where = f"{stack.region}:{stack.account}"
    return f"arn:{stack.partition}:bedrock:{where}:inference-profile/{model}"


def _foundation(stack: Stack, region: str, model: str) -> str:
    return f"arn:{stack.partition}:bedrock:{region}::foundation-model/{model}"

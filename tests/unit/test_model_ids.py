"""Names of chat models, as settings and requests give them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.model_ids import ChatModel, chat_model, chat_models, geography_and_base

NOVA = "us.amazon.nova-lite-v1:0"
ARN = "arn:aws:bedrock:eu-west-1:111122223333"
APPLICATION = f"{ARN}:application-inference-profile/ab12cd34ef56"


@pytest.mark.parametrize(
    ("text", "model"),
    [
        (NOVA, ChatModel(NOVA, NOVA, NOVA)),
        ("acme.talker", ChatModel("acme.talker", "acme.talker", "acme.talker")),
        (
            f"{ARN}:inference-profile/{NOVA}",
            ChatModel(NOVA, f"{ARN}:inference-profile/{NOVA}", NOVA),
        ),
        (f"{NOVA}={APPLICATION}", ChatModel(NOVA, APPLICATION, NOVA)),
        (
            "llama3.1:8b@http://127.0.0.1:11434/v1/",
            ChatModel("llama3.1:8b", "llama3.1:8b", "llama3.1:8b", "http://127.0.0.1:11434/v1"),
        ),
        (
            "meta-llama/Llama-3.3-70B-Instruct@https://router.huggingface.co/v1",
            ChatModel(
                *["meta-llama/Llama-3.3-70B-Instruct"] * 3, "https://router.huggingface.co/v1"
            ),
        ),
    ],
)
def test_a_name_tells_service_target_and_price(text: str, model: ChatModel) -> None:
    assert chat_model(text) == model


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nova",
        "us.*",
        "two words.x",
        APPLICATION,
        f"={APPLICATION}",
        f"{NOVA}=nova",
        "@http://host/v1",
        "m@ftp://host",
        "m@https://",
        "m@http://[::1/v1",
        "m@https://user:key@host/v1",
    ],
)
def test_what_names_no_model_is_refused_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="is no chat model; give a Bedrock id"):
        chat_model(text)


def test_the_default_comes_first_and_counts_once() -> None:
    allowed = chat_models(NOVA, f" amazon.nova-pro-v1:0 , {NOVA},,m@http://h/v1")

    assert list(allowed) == [NOVA, "amazon.nova-pro-v1:0", "m"]


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two chat models are called 'us\.amazon"):
        chat_models(NOVA, f"{NOVA}={APPLICATION}")


@pytest.mark.parametrize(
    ("model_id", "parts"),
    [
        (NOVA, ("us", "amazon.nova-lite-v1:0")),
        ("us-gov.anthropic.c", ("us-gov", "anthropic.c")),
        ("jp.anthropic.c", ("jp", "anthropic.c")),
        ("us.alone", ("", "us.alone")),
        ("amazon.nova-lite-v1:0", ("", "amazon.nova-lite-v1:0")),
    ],
)
def test_a_profile_is_a_geography_and_a_model(model_id: str, parts: tuple[str, str]) -> None:
    assert geography_and_base(model_id) == parts


PIECES = ["a", "us", ".", "@", "=", ":", "/", "[", "]", "http://", "h", ARN, " ", "é"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_a_model_with_a_target_or_plainly_refused(text: str) -> None:
    try:
        told = chat_model(text).target
    except ValueError as error:
        told = str(error)
    assert told in text or "is no chat model; give" in told
    assert told

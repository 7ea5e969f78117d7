"""The secrets of services outside AWS; people put the values in after the first deploy."""

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.config import Config


class ServiceKeys(Construct):
    """Exposes `store` ({"api_key": ""}), `langfuse` ({"public_key": "", "secret_key": ""}), and
    `chat` ({HOST: KEY}), which is None unless some chat model is a server's; and `callback`
    ({"key": …}), generated, which is None unless some host may be called back.

    Empty means "no key": the store is then asked without one and nothing is traced. The generated
    `placeholder` is there because a generated value is the only one no template has to hold. The
    key of a store of the stack's own is generated instead of put in.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: Config) -> None:
        super().__init__(scope, construct_id)
        self.store = (
            self._secret("StoreKey", "{}", generated="api_key")
            if config.qdrant == "ec2"
            else self._secret("StoreKey", '{"api_key": ""}')
        )
        self.langfuse = self._secret("LangfuseKeys", '{"public_key": "", "secret_key": ""}')
        self.chat = self._secret("ChatKeys", "{}") if config.asks_servers else None
        self.callback = (
            self._secret("CallbackKey", "{}", generated="key") if config.callback_hosts else None
        )

    @property
    def all(self) -> list[secretsmanager.Secret]:
        """What a function that answers reads."""
        return [key for key in (self.store, self.langfuse, self.chat) if key]

    @property
    def outputs(self) -> dict[str, str]:
        """Of the stack, by their names, beside those it always has."""
        return {"CallbackSecretArn": self.callback.secret_arn} if self.callback else {}

    def _secret(
        self, name: str, template: str, *, generated: str = "placeholder"
    ) -> secretsmanager.Secret:
        return secretsmanager.Secret(
            self,
            name,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=template,
                generate_string_key=generated,
                exclude_punctuation=True if generated == "api_key" else None,
            ),
        )

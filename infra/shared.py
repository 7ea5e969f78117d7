"""What every function of the stack is made with."""

from dataclasses import dataclass

from infra.config import Config
from infra.python_function import Build
from infra.service_keys import ServiceKeys
from infra.storage import Storage


@dataclass(frozen=True)
class Shared:
    """The stack's settings, how functions are built, where data lies, and keys of services."""

    config: Config
    build: Build
    storage: Storage
    keys: ServiceKeys

    @property
    def metrics_environment(self) -> dict[str, str]:
        """Where counts go, under the stack's own name: two stacks of an account do not mix."""
        return {
            "ASKBUCKET_METRICS": self.config.metrics,
            "ASKBUCKET_METRICS_NAMESPACE": self.config.stack_name,
        }

    @property
    def tracing_environment(self) -> dict[str, str]:
        """Where traces go, and what they show."""
        return {
            "ASKBUCKET_LANGFUSE_SECRET_ARN": self.keys.langfuse.secret_arn,
            "ASKBUCKET_LANGFUSE_URL": self.config.langfuse_url,
            "ASKBUCKET_TRACE_TEXT": self.config.trace_text,
        }

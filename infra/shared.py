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

"""pipelines.yaml: read, checked, and turned into what the parts need."""

from huiying.config.findings import ConfigError, Finding
from huiying.config.load import SHIPPED, Loaded, find_config, load
from huiying.config.model import Pipelines

__all__ = ["SHIPPED", "ConfigError", "Finding", "Loaded", "Pipelines", "find_config", "load"]

"""A gateway that only listens."""

from tests.api.conftest import quiet_gateway

__all__ = ["quiet_gateway"]

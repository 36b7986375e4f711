"""The functions of the catalog on a laptop: ``Cloud``, its faults and its clock."""

from local.cloud.clock import VirtualClock
from local.cloud.cloud import Cloud
from local.cloud.errors import CloudError, FunctionError, ThrottledError, TooLargeError
from local.cloud.faults import Crossing, Faults
from local.cloud.serving import HttpServer, Served, serve

__all__ = [
    "Cloud",
    "CloudError",
    "Crossing",
    "Faults",
    "FunctionError",
    "HttpServer",
    "Served",
    "ThrottledError",
    "TooLargeError",
    "VirtualClock",
    "serve",
]

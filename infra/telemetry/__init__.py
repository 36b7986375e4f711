"""What is watched: every metric, alarm and dashboard, named once. No CDK import.

``infra/cdk/monitoring.py`` deploys it; the tests hold it to what the code emits. No metric carries a guild or a person.
"""

from __future__ import annotations

from infra.catalog import Catalog
from infra.telemetry.alarms import alarms
from infra.telemetry.dashboards import executive, operational, technical
from infra.telemetry.model import OURS, OUTCOMES, Alarm, Metric, Of, Panel, Search, Telemetry

__all__ = ["OURS", "OUTCOMES", "Alarm", "Metric", "Of", "Panel", "Search", "Telemetry", "telemetry"]


def telemetry(
    catalog: Catalog, *, max_connections: int, aurora: bool = False, replica: bool = False, gateway: bool = True
) -> Telemetry:
    """Everything to watch of a deployment of ``catalog`` with these choices."""
    sounding = alarms(catalog, max_connections=max_connections, aurora=aurora, replica=replica, gateway=gateway)
    dashboards = {
        "executive": executive(),
        "operational": operational(catalog, aurora=aurora),
        "technical": technical(catalog, aurora=aurora, replica=replica, gateway=gateway),
    }
    return Telemetry(sounding, dashboards)

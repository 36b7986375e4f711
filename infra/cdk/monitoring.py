"""Deploys ``infra/telemetry/``: alarms, dashboards, the topic that tells people, the budget.

What a shift goes back on stands with the functions, because CodeDeploy names it; all else in a stack of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.cdk.options import Options
from infra.cdk.stage import Stage
from infra.shifting import every_alarm
from infra.telemetry import Alarm, Metric, Of, Panel, Search, Telemetry

RUNBOOKS = "docs/runbooks"
_COMPARISON = {
    "at_least": cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    "below": cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
}


class Watching(Construct):
    """``names`` gives the value of a dimension (``infra.telemetry.Of``); alarms tell ``topic``."""

    topic: sns.ITopic

    def __init__(self, scope: Construct, construct_id: str, *, names: Callable[[Of], str]) -> None:
        super().__init__(scope, construct_id)
        self._names = names

    def _build_alarm(self, alarm: Alarm, stage: Stage) -> cloudwatch.Alarm:
        missing = cloudwatch.TreatMissingData
        built = cloudwatch.Alarm(
            self,
            f"Alarm-{alarm.name}",
            alarm_name=f"dbsbm-{stage.name}-{alarm.name}",
            alarm_description=f"{alarm.why} What to do: {RUNBOOKS}/{alarm.runbook}",
            metric=self._metric(alarm.metric, alarm.minutes),
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            comparison_operator=_COMPARISON[alarm.direction],
            treat_missing_data=missing.BREACHING if alarm.silence_is_bad else missing.NOT_BREACHING,
        )
        built.add_alarm_action(actions.SnsAction(self.topic))
        return built

    def _metric(self, metric: Metric, minutes: int) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=metric.namespace,
            metric_name=metric.name,
            statistic=metric.statistic,
            dimensions_map={
                name: value if isinstance(value, str) else self._names(value)
                for name, value in metric.dimensions.items()
            },
            period=Duration.minutes(minutes),
            label=f"{metric.label} {metric.statistic}".strip(),
        )


class ShiftAlarms(Watching):
    """The topic, and the alarms by name that take a new version back."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        options: Options,
        telemetry: Telemetry,
        names: Callable[[Of], str],
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id, names=names)
        self.topic = self._build_topic(stage, options, key)
        here = [alarm for alarm in _of_stage(telemetry, stage) if alarm.name in every_alarm()]
        self.alarms = {alarm.name: self._build_alarm(alarm, stage) for alarm in here}

    def _build_topic(self, stage: Stage, options: Options, key: kms.IKey) -> sns.Topic:
        topic = sns.Topic(self, "Topic", topic_name=f"dbsbm-{stage.name}-alarms", master_key=key, enforce_ssl=True)
        for service in ("cloudwatch", "budgets"):
            topic.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    actions=["sns:Publish"],
                    resources=[topic.topic_arn],
                    conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
                )
            )
        if options.alarm_email:  # AWS sends a link that has to be followed once
            topic.add_subscription(subscriptions.EmailSubscription(options.alarm_email))
        return topic


class Monitoring(Watching):
    """All other alarms, the one above those that people notice, the dashboards and the budget."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        options: Options,
        telemetry: Telemetry,
        names: Callable[[Of], str],
        shift: ShiftAlarms,
    ) -> None:
        super().__init__(scope, construct_id, names=names)
        self.topic = shift.topic
        here = _of_stage(telemetry, stage)
        apart = {alarm.name: self._build_alarm(alarm, stage) for alarm in here if alarm.name not in shift.alarms}
        self._build_composite(
            [apart.get(alarm.name) or self._elsewhere(alarm, stage) for alarm in here if alarm.people_notice], stage
        )
        for name, panels in telemetry.dashboards.items():
            self._build_dashboard(name, panels, stage)
        self._build_budget(stage, options)

    def _elsewhere(self, alarm: Alarm, stage: Stage) -> cloudwatch.IAlarm:
        """By its name: an export would keep the functions' stack from ever renaming it."""
        return cloudwatch.Alarm.from_alarm_name(self, f"Elsewhere-{alarm.name}", f"dbsbm-{stage.name}-{alarm.name}")

    def _build_composite(self, alarms: list[cloudwatch.IAlarm], stage: Stage) -> None:
        rule = cloudwatch.AlarmRule.any_of(
            *(cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM) for alarm in alarms)
        )
        composite = cloudwatch.CompositeAlarm(
            self,
            "PeopleNotice",
            composite_alarm_name=f"dbsbm-{stage.name}-people-notice",
            alarm_description=f"People in Discord see that something is wrong. What to do: {RUNBOOKS}/README.md",
            alarm_rule=rule,
        )
        composite.add_alarm_action(actions.SnsAction(self.topic))

    def _build_dashboard(self, name: str, panels: Sequence[Panel], stage: Stage) -> None:
        dashboard = cloudwatch.Dashboard(self, f"Dashboard-{name}", dashboard_name=f"dbsbm-{stage.name}-{name}")
        for panel in panels:
            dashboard.add_widgets(self._widget(panel))

    def _widget(self, panel: Panel) -> cloudwatch.GraphWidget:
        metrics = [_search(shown) if isinstance(shown, Search) else self._metric(shown, 5) for shown in panel.metrics]
        return cloudwatch.GraphWidget(title=panel.title, left=metrics, width=12, height=6)

    def _build_budget(self, stage: Stage, options: Options) -> None:
        """Of the whole account: a stage that needs its own figure has an account of its own."""
        topic = budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=self.topic.topic_arn)
        notices = [
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    comparison_operator="GREATER_THAN", notification_type=kind, threshold=percent
                ),
                subscribers=[topic],
            )
            for kind, percent in (("ACTUAL", 80), ("FORECASTED", 100))
        ]
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=f"dbsbm-{stage.name}",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=options.budget_usd, unit="USD"),
            ),
            notifications_with_subscribers=notices,
        )


def _of_stage(telemetry: Telemetry, stage: Stage) -> list[Alarm]:
    return [alarm for alarm in telemetry.alarms if not alarm.stages or stage.name in alarm.stages]


def _search(search: Search) -> cloudwatch.MathExpression:
    """A search, since what values the dimensions will have is not known here."""
    schema = ",".join((search.namespace, *search.dimensions))
    found = f"SEARCH('{{{schema}}} MetricName=\"{search.name}\"', '{search.statistic}', 300)"
    return cloudwatch.MathExpression(expression=found, using_metrics={}, label="", period=Duration.minutes(5))

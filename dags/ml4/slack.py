"""The Slack connection, and the message that does not need a container."""

from airflow.providers.common.compat.sdk import AirflowNotFoundException, conf
from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook
from ml4.failures import failed_stages

PLACEHOLDER = "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"  # .env's


def connection_id() -> str:
    return conf.get("providers", "slack__webhook_conn_id", fallback="slack_webhook")


def webhook_variables() -> dict[str, str]:
    """The webhook of the Slack connection, as ml4 reads it; empty while none was given."""
    try:
        connection = SlackWebhookHook.get_connection(connection_id())
    except AirflowNotFoundException:
        return {}
    token = (connection.password or "").strip()
    if token in ("", PLACEHOLDER):
        return {}
    base = connection.host
    if base and "://" not in base:
        base = f"{connection.schema or 'https'}://{base}"
    return {"SLACK_WEBHOOK_TOKEN": token} | ({"SLACK_WEBHOOK_BASE": base} if base else {})


def report_missing_notification(context) -> None:
    """Posts how the run ended where the notify container could not."""
    if not webhook_variables():
        return
    task = context["task_instance"]
    failed = ", ".join(failed_stages(context)) or "no other stage"
    text = f"ml4 {task.run_id}: notify failed; failed before it: {failed}. Log: {task.log_url}"
    SlackWebhookHook(slack_webhook_conn_id=connection_id(), timeout=10).send(text=text)

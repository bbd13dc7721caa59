"""The last stage, which knows how the others ended."""

from ml4.failures import failed_stages, log_url
from ml4.slack import webhook_variables
from ml4.stage_operator import StageOperator


class NotifyOperator(StageOperator):
    """`ml4 notify` with the Slack connection's token and what only Airflow knows of a failure."""

    def execute(self, context) -> dict:
        failed = failed_stages(context)
        if failed:
            self.environment = {
                "ML4_FAILED_STAGE": failed[0],
                "ML4_FAILED_LOG": log_url(context, failed[0]),
            }
        return super().execute(context)

    def secrets(self) -> dict[str, str]:
        return webhook_variables()

"""The first stage, which goes to the Hugging Face hub."""

from airflow.providers.common.compat.sdk import AirflowNotFoundException, BaseHook
from ml4.stage_operator import StageOperator


class FetchOperator(StageOperator):
    """`ml4 fetch` with the token of the connection `huggingface`, where there is one."""

    def secrets(self) -> dict[str, str]:
        try:
            return {"HF_TOKEN": BaseHook.get_connection("huggingface").password or ""}
        except AirflowNotFoundException:
            return {}

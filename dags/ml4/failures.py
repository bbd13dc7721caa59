"""What has failed in a DAG run."""


def failed_stages(context) -> list[str]:
    """Tasks before the context's own that failed, in their order."""
    task, run_id = context["task"], context["run_id"]
    names = [name for name in task.dag.task_dict if name in task.get_flat_relative_ids(upstream=True)]
    if hasattr(context["ti"], "get_task_states"):
        states = context["ti"].get_task_states(task.dag_id, task_ids=names, run_ids=[run_id])
        by_name = states.get(run_id, {})
    else:  # Airflow 2
        by_name = {ti.task_id: ti.state for ti in context["dag_run"].get_task_instances()}
    return [name for name in names if by_name.get(name) == "failed"]


def log_url(context, task_id: str) -> str:
    """Page of another task's log in the same run."""
    own = context["ti"]
    address, _, query = own.log_url.partition("?")
    if address.endswith(f"/tasks/{own.task_id}"):
        return f"{address.removesuffix(own.task_id)}{task_id}"
    return own.log_url.replace(f"task_id={own.task_id}", f"task_id={task_id}")  # Airflow 2

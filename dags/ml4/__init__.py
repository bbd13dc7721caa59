"""What the DAG ml4_pipeline is made of."""

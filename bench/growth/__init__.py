"""What reads and folds cost as the number of employees and regions grows."""

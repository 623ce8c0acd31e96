namespace optim {}

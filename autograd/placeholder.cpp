namespace autograd {}

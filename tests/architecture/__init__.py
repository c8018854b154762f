"""The rules of the house, as tests: who may import whom, which rooms a service has, what stays pure."""

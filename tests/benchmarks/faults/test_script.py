"""Operators of scripts change what is a fault afterwards, and leave alone what would not be one."""

from faults import OPERATORS
from faults.source import Source

TRAINED = "net = Net()\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\noptimizer.step()\n"


def mutants(name, text):
    """Return the texts of all mutants of a program."""
    return [mutant.text for mutant in OPERATORS[name].mutate(Source("program", text))]


def test_a_network_is_replaced_where_its_optimizer_takes_steps():
    first, second, third = TRAINED.splitlines(keepends=True)
    assert mutants("replaced_network", TRAINED) == [first + second + first + third]
    assert mutants("replaced_network", first + second) == []


def test_a_loader_has_one_function_that_seeds_its_workers():
    text = "loader = DataLoader(data, num_workers=4)\n"
    (mutant,) = mutants("shared_seed", text)
    assert mutant.count("worker_init_fn=") == 1
    assert mutants("shared_seed", text.replace("4)", "4, worker_init_fn=own)")) == []

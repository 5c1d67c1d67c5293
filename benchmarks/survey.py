"""How long `netwright check --data` takes, rule by rule: `python benchmarks/survey.py cifar10`.

The first row is the one pass over the files. CIFAR-10 has 60,000 images in parquet files, each decoded anew;
the aim is a set of 50,000 small images in under a minute on two cores.
"""

import time
from argparse import ArgumentParser
from resource import RUSAGE_SELF, getrusage

from netwright.lint.catalogue import rules
from netwright.lint.survey.open import survey


def main(name: str) -> None:
    rows = []
    start, used = time.perf_counter(), time.process_time()

    def lap(title: str, findings: int) -> None:
        nonlocal start, used
        now, cpu = time.perf_counter(), time.process_time()
        rows.append((title, now - start, cpu - used, findings))
        start, used = now, cpu

    subject = survey(name).survey
    lap("reading", 0)
    for rule in rules().values():
        if rule.data:
            lap(rule.code, len(list(rule.findings(subject))))
    rows.append(
        ("all", sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows))
    )
    print(f"{subject.layout}\n{'':10}{'seconds':>10}{'cpu':>8}{'findings':>10}")
    for title, seconds, cpu, findings in rows:
        print(f"{title:10}{seconds:10.1f}{cpu:8.1f}{findings:10}")
    print(f"peak memory {getrusage(RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default="cifar10", help="a name, or a folder")
    main(parser.parse_args().data)

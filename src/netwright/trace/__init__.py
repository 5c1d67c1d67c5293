"""One recorded run of any module as frozen data: `record.record(net, input)` yields a `graph.Graph`."""

def train(net, loader, optimizer, criterion, epochs):
    net.train()
    for epoch in range(epochs):
        running = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            running += loss.item()
        print(epoch, running / len(loader))


def mean_of_all(net, loader, measure, epochs):
    total, seen, steps = 0.0, 0, 0
    for epoch in range(epochs):
        for x, y in loader:
            total += measure(net(x), y)
            seen += len(x)
        steps = (epoch + 1) * len(loader)
        print(total / seen, total / steps, total / ((epoch + 1) * len(loader)))
    return total / (epochs * len(loader))


def last(net, loader, measure, epochs):
    total = 0.0
    for epoch in range(epochs):
        for x, y in loader:
            total += measure(net(x), y)
        if epoch == epochs - 1:
            print(total / (epochs * len(loader)))


def every(net, loader, measure):
    running = 0.0
    for step, (x, y) in enumerate(loader):
        running += measure(net(x), y)
        if step % 100 == 99:
            print(running / 100)
            running = 0.0


def so_far(net, loader, measure):
    running = 0.0
    for step, (x, y) in enumerate(loader):
        running += measure(net(x), y)
        if step % 100 == 99:
            print(running / (step + 1))

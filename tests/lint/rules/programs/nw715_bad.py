def train(net, loader, optimizer, criterion, epochs):
    running, seen = 0.0, 0
    net.train()
    for epoch in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            running += loss.item()
        print(epoch, running / len(loader))  # NW715


def divided(net, loader, measure, epochs):
    total = 0
    epoch = 0
    while epoch < epochs:
        for x, y in loader:
            total += measure(net(x), y)
        total /= len(loader)  # NW715
        epoch += 1
        print(total)


def every(net, loader, measure):
    running = 0.0
    for step, (x, y) in enumerate(loader):
        running += measure(net(x), y)
        if step % 100 == 99:
            print(running / 100)  # NW715

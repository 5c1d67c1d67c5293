from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, Subset, random_split
from torchvision import datasets, transforms

MEAN, STD = (0.5,), (0.25,)
normalize = transforms.Normalize(MEAN, STD)
train_transform = transforms.Compose([transforms.RandomCrop(32, 4), transforms.ToTensor(), normalize])
val_transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), std=STD)])
mirrored_test = transforms.Compose([transforms.RandomHorizontalFlip(p=1.0), val_transform])
steps = {"train": train_transform, "val": val_transform}
augmented = datasets.CIFAR10("data", train=True, transform=train_transform)
plain = datasets.CIFAR10("data", train=True, transform=val_transform)
train_set, val_set = Subset(augmented, range(45000)), Subset(plain, range(45000, 50000))
first, test_set = random_split(plain, [45000, 5000])
either = datasets.CIFAR10("data", train=False, transform=train_transform if input() else val_transform)
train_loader = DataLoader(augmented, batch_size=100)
val_loader = DataLoader(val_set, batch_size=100)


def standardised(x_train, x_test):
    mean, deviation = x_train.mean(0), x_train.std(0)
    centred = x_test - x_test.mean(0)
    return (x_train - mean) / deviation, (x_test - mean) / deviation, centred


def scaled(x_train, x_test):
    scaler = StandardScaler()
    x_train = scaler.fit_transform(x_train)
    return x_train, scaler.transform(x_test)


def predicted(model, count):
    shuffled = DataLoader(plain, batch_size=1, shuffle=True)
    shown = [model(x).argmax(1) == y for x, y in shuffled]
    predictions, targets = [], []
    for index, (x, y) in enumerate(val_loader):
        predictions.append((plain.targets[index], model(x).argmax(1)))
        targets.append(y)
    for x, y in shuffled:
        targets.append(y)
        shown.append(model(x).argmax(1) == y)
    return list(zip(targets, shown, strict=True)), plain.targets[count]

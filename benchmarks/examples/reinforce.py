"""Policy gradient on the cart pole."""

# check: Policy 4
import argparse
from collections import deque
from itertools import count

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.distributions import Categorical


class Policy(nn.Module):
    """From an observation to the probabilities of the actions."""

    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 128)
        self.dropout = nn.Dropout(p=0.6)
        self.affine2 = nn.Linear(128, 2)

    def forward(self, x):
        x = self.affine1(x)
        x = self.dropout(x)
        x = F.relu(x)
        action_scores = self.affine2(x)
        return F.softmax(action_scores, dim=1)


def select_action(policy, state):
    state = torch.as_tensor(state, dtype=torch.float32).unsqueeze(0)
    probs = policy(state)
    m = Categorical(probs)
    action = m.sample()
    return action.item(), m.log_prob(action)


def finish_episode(optimizer, rewards, log_probs, gamma):
    total = 0.0
    returns = deque()
    for r in rewards[::-1]:
        total = r + gamma * total
        returns.appendleft(total)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-8)
    policy_loss = [-log_prob * value for log_prob, value in zip(log_probs, returns, strict=True)]
    optimizer.zero_grad()
    policy_loss = torch.cat(policy_loss).sum()
    policy_loss.backward()
    optimizer.step()


def main():
    import gymnasium as gym

    parser = argparse.ArgumentParser()
    parser.add_argument("--gamma", type=float, default=0.99)
    parser.add_argument("--seed", type=int, default=543)
    args = parser.parse_args()
    env = gym.make("CartPole-v1")
    torch.manual_seed(args.seed)
    policy = Policy()
    optimizer = optim.Adam(policy.parameters(), lr=1e-2)
    running_reward = 10.0
    for i_episode in count(1):
        state, _ = env.reset(seed=args.seed + i_episode)
        rewards, log_probs = [], []
        for _ in range(1, 10000):
            action, log_prob = select_action(policy, state)
            state, reward, done, _, _ = env.step(action)
            rewards.append(reward)
            log_probs.append(log_prob)
            if done:
                break
        running_reward = 0.05 * sum(rewards) + 0.95 * running_reward
        finish_episode(optimizer, rewards, log_probs, args.gamma)
        if running_reward > env.spec.reward_threshold:
            print(f"solved after {i_episode} episodes")
            break


if __name__ == "__main__":
    main()

"""What a recipe leaves to the data, decided."""

from netwright.data.examples import Data
from netwright.errors import RecipeError
from netwright.training.recipe import Recipe

SMALL, SMALL_BATCH, BATCH = 10_000, 64, 128
UPRIGHT = ("digit", "mnist", "svhn")  # a mirrored 2 is no 2


def resolve(recipe: Recipe, data: Data, world: int = 1) -> Recipe:
    """`recipe` with its "auto" replaced: batch by the number of examples, augmentation by the images.

    Crop pads an eighth of the side (1 pixel at 8, 4 at 32). Flip is for colour images whose data set does not
    name digits: grey ones are mostly digits, letters and scans, which a mirror turns into something else.
    """
    batch = recipe.batch
    if batch == "auto":
        batch = SMALL_BATCH if len(data.train) < SMALL else BATCH
    if min(batch, len(data.train)) % world:
        raise RecipeError(f"`batch` (={batch}) must divide by the {world} processes that share it.")
    augment = recipe.augment
    if augment == "auto":
        augment = augmentation(data)
    return recipe.changed(batch=batch, augment=augment)


def augmentation(data: Data) -> tuple[str, ...]:
    """What "auto" stands for on `data`."""
    channels, *sides = data.input
    crop = f"crop(padding={max(1, min(sides) // 8)})"
    upright = any(word in data.name.lower() for word in UPRIGHT)
    return (crop, "flip") if channels == 3 and not upright else (crop,)

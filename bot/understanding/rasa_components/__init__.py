"""Rasa components of ours (``nlu_data/config.yml`` names them by module path).

Rasa's default recipe, with which a component has to register before training,
imports TensorFlow. So they register only when the recipe is there already: ``rasa
train`` has imported it, the service that answers citizens has not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

Component = TypeVar("Component", bound=type)


def register_while_training(kind: str, is_trainable: bool) -> Callable[[Component], Component]:
    """Register a component class as ``kind`` (a ComponentType name) if Rasa is training."""

    def decorate(component: Component) -> Component:
        recipes = sys.modules.get("rasa.engine.recipes.default_recipe")
        if recipes is None:
            return component
        recipe = recipes.DefaultV1Recipe
        registered: Component = recipe.register(recipe.ComponentType[kind], is_trainable)(component)
        return registered

    return decorate

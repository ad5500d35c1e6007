//! Only here because cargo wants a target of its own beside the examples.

"""Prompts of `kilm describe` and `kilm disambiguate`, built from the words of docs/objective.md with Hugging Face's
tokenizer."""

from tokenizers import Tokenizer, pre_tokenizers

BOS, EOS = 0, 2


class Prompts:
    def __init__(self, folder, positions):
        self.longest = min(512, positions) - min(64, min(512, positions) // 2)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=True)

    def encode(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids if text else []

    def mark(self, name):
        return self.tokenizer.token_to_id(name)

    def prompt(self, left, mention, right):
        """Source and decoder prefix; what is too long is taken from the far end of the longer side, else the right."""
        left, right = self.encode(left), self.encode(right)
        marked = [self.mark("<ent>"), *self.encode(mention), self.mark("</ent>"), self.mark("<ent_desc>")]
        closed = [self.mark("<mask>"), self.mark("</ent_desc>")]
        while len(left) + len(marked) + len(closed) + len(right) + 2 > self.longest:
            if len(left) > len(right):
                left = left[1:]
            else:
                right = right[:-1]
        return [BOS, *left, *marked, *closed, *right, EOS], [EOS, BOS, *left, *marked]

    def candidate(self, title, description, full, room):
        title, description = self.encode(title), self.encode(description) if full else []
        marks = 2 if full else 1
        description = description[:max(0, room - marks - len(title))]
        title = title[:room - marks]
        return title + [self.mark("<sep>")] + description + ([self.mark("</ent_desc>")] if full else [])

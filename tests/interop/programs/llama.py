"""llama.cpp's own server with a tiny model of random weights: `llama.py PORT MODEL_FILE`.

The weights of all tokens that are not words are zero, so that the most likely token is always a word and
the answer is text without an end.
"""

import sys
import time

import gguf
import numpy
import xllamacpp

SPECIAL = ["<unk>", "<s>", "</s>"]
WORDS = ["▁Hel", "lo", "▁你", "好", "▁👩‍👩‍👧", "▁from", "▁a", "▁tiny", "▁model", ",", "\u2028", "é"]
WIDTH, HIDDEN, HEADS, LAYERS = 128, 512, 4, 4


def write_model(path: str) -> None:
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *WORDS]
    words = len(tokens) - len(WORDS)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _add_tokens(writer, tokens)
    _add_weights(writer, len(tokens), words)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokens(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    kinds = gguf.TokenType
    special = [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL, *[kinds.BYTE] * 256]
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([*special, *[kinds.NORMAL] * (len(tokens) - len(special))])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}")


def _add_weights(writer: gguf.GGUFWriter, tokens: int, words: int) -> None:
    source = numpy.random.default_rng(7)

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(f"{name}.weight", source.normal(0, 0.5, shape).astype(numpy.float32))

    add("token_embd", tokens, WIDTH)
    output = source.normal(0, 0.5, (tokens, WIDTH)).astype(numpy.float32)
    output[:words] = 0
    writer.add_tensor("output.weight", output)
    add("output_norm", WIDTH)
    for layer in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"blk.{layer}.{name}", WIDTH, WIDTH)
        for name, shape in (("gate", (HIDDEN, WIDTH)), ("up", (HIDDEN, WIDTH)), ("down", (WIDTH, HIDDEN))):
            add(f"blk.{layer}.ffn_{name}", *shape)
        add(f"blk.{layer}.attn_norm", WIDTH)
        add(f"blk.{layer}.ffn_norm", WIDTH)


def serve(port: int, path: str) -> None:
    settings = xllamacpp.CommonParams()
    settings.model.path = path
    settings.model_alias = {"parrot"}
    settings.hostnames = ["127.0.0.1"]
    settings.port = port
    settings.api_keys = ["sk-interop"]
    settings.n_ctx = 2048
    settings.n_parallel = 1
    settings.ctx_shift = True
    settings.cache_prompt = False
    settings.cpuparams.n_threads = 1
    settings.sampling.temp = 0
    settings.warmup = False
    server = xllamacpp.Server(settings)
    while server:
        time.sleep(3600)


if __name__ == "__main__":
    write_model(sys.argv[2])
    serve(int(sys.argv[1]), sys.argv[2])

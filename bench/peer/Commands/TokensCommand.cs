using System.CommandLine;
using System.Globalization;
using Winnow.Peer.Native;

namespace Winnow.Peer.Commands;

/// <summary><c>tokens</c>: continuations with their logits, the oracle for Winnow's engine.</summary>
internal static class TokensCommand
{
    private const int DefaultContext = 512;

    public static Command Create()
    {
        var library = new LibraryOptions();
        Option<string[]> prompts = new("--prompt") { Description = "Prompt text; give it several times for several prompts." };
        Option<string[]> promptIds = new("--prompt-ids") { Description = "Prompt as token ids, for example 1,2,3." };
        Option<string?> teacherIds = new("--teacher-ids") { Description = "Feed these ids back instead of the best ones; sets the number of steps. One prompt only." };
        Option<int> max = new("--max") { Description = "Steps.", DefaultValueFactory = _ => 64 };
        Option<int> context = new("--context") { Description = "Tokens of the context.", DefaultValueFactory = _ => DefaultContext };
        Option<int> threads = new("--threads") { Description = "Threads.", DefaultValueFactory = _ => 1 };
        Option<bool> flash = new("--flash-attention") { Description = "Turn flash attention on." };
        Option<bool> kvF16 = new("--kv-f16") { Description = "KV cache in F16 instead of F32." };
        Option<bool> noRepack = new("--no-repack") { Description = "Compute from the weights as the file has them." };
        var command = new Command("tokens", "Continues prompts greedily and prints ids and logits.") { prompts, promptIds, teacherIds, max, context, threads, flash, kvF16, noRepack };
        library.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = library.Load(parsed);
            using var model = new PeerModel(path, repack: !parsed.GetValue(noRepack));
            using var run = new PeerContext(model, new PeerContextOptions
            {
                ContextTokens = parsed.GetValue(context),
                Threads = parsed.GetValue(threads),
                KvF32 = !parsed.GetValue(kvF16),
                FlashAttention = parsed.GetValue(flash),
            });
            List<(string? Text, int[] Ids)> inputs = [.. (parsed.GetValue(prompts) ?? []).Select(text => ((string?)text, model.Tokenize(text, addSpecial: true, parseSpecial: true)))];
            inputs.AddRange((parsed.GetValue(promptIds) ?? []).Select(list => ((string?)null, Ids(list))));
            int[]? teacher = parsed.GetValue(teacherIds) is { } ids ? Ids(ids) : null;
            int steps = teacher?.Length ?? parsed.GetValue(max);
            Check(inputs, teacher, steps, parsed.GetValue(context));
            var continuation = new Continuation(model, run);
            PeerJson.Print(new TokensReport(
                Path.GetFileName(path),
                $"llama.cpp {LlamaLibrary.ExpectedVersion}, cpu variant {library.Variant(parsed)}, {parsed.GetValue(threads)} thread(s)",
                parsed.GetValue(kvF16) ? "F16" : "F32",
                parsed.GetValue(flash),
                parsed.GetValue(context),
                model.VocabularySize,
                [.. inputs.Select(input => continuation.Run(input.Text, input.Ids, teacher, steps))]));
        });
        return command;
    }

    private static void Check(List<(string? Text, int[] Ids)> inputs, int[]? teacher, int steps, int context)
    {
        if (inputs.Count == 0 || (teacher is not null && inputs.Count != 1))
        {
            throw new PeerException($"'{inputs.Count}' prompts were given; give at least one, and exactly one with --teacher-ids.");
        }
        if (inputs.Find(input => input.Ids.Length == 0 || input.Ids.Length + steps > context) is { Ids: not null } bad)
        {
            throw new PeerException($"A prompt of '{bad.Ids.Length}' tokens and {steps} steps do not fit a context of {context}; prompts have at least one token.");
        }
    }

    private static int[] Ids(string list)
    {
        string[] parts = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? id
            : throw new PeerException($"'{part}' is not a token id; write ids separated by commas, such as 1,2,3."))];
    }
}

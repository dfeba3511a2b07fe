using System.CommandLine;
using Winnow.Peer.Native;

namespace Winnow.Peer.Commands;

/// <summary><c>bench</c>: speed and memory of a model, one process a run, so that runs of two engines can be interleaved.</summary>
internal static class BenchCommand
{
    private const int BeginId = 1;

    public static Command Create()
    {
        var library = new LibraryOptions();
        Option<int[]> decode = Counts("--decode", "Decode with this many sequences side by side, such as 1 4 16.");
        Option<int[]> prefill = Counts("--prefill", "Prompts of this many tokens.");
        Option<int[]> verify = Counts("--verify", "Blocks of this many draft tokens of one sequence, logits for each.");
        Option<int> depth = new("--depth") { Description = "Tokens that come before what is decoded or verified." };
        Option<int> tokens = new("--tokens") { Description = "Tokens that each sequence decodes.", DefaultValueFactory = _ => 32 };
        Option<int> repetitions = new("--reps") { Description = "Samples of each figure, after one that does not count.", DefaultValueFactory = _ => 5 };
        Option<int> threads = new("--threads") { Description = "Threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<int> context = new("--context") { Description = "Context at which the first token and the resident memory are measured.", DefaultValueFactory = _ => 2048 };
        Option<bool> fill = new("--fill-context") { Description = "Fill that context before resident memory is read." };
        Option<bool> kvF32 = new("--kv-f32") { Description = "KV cache in F32 instead of F16." };
        Option<string?> flash = new("--flash-attention") { Description = "on, off or auto. Default: auto, as llama.cpp." };
        flash.AcceptOnlyFromAmong("on", "off", "auto");
        var command = new Command("bench", "Measures speed, load time and memory.") { decode, prefill, verify, depth, tokens, repetitions, threads, context, fill, kvF32, flash };
        library.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = library.Load(parsed);
            bool? flashAttention = parsed.GetValue(flash) switch { "on" => true, "off" => false, _ => null };
            var options = new SpeedTestOptions(parsed.GetValue(threads), parsed.GetValue(tokens), Math.Max(1, parsed.GetValue(repetitions)), parsed.GetValue(kvF32), flashAttention);
            long start = TimeProvider.System.GetTimestamp();
            using var model = new PeerModel(path);
            TimeSpan loaded = TimeProvider.System.GetElapsedTime(start);
            (TimeSpan first, ResidentMemory memory) = FirstToken(model, options, parsed.GetValue(context), parsed.GetValue(fill), start);
            var test = new SpeedTest(model, options);
            int before = parsed.GetValue(depth);
            BenchResult[] results =
            [
                .. (parsed.GetValue(decode) ?? []).Select(count => test.Decode(count, before)),
                .. (parsed.GetValue(prefill) ?? []).Select(test.Prefill),
                .. (parsed.GetValue(verify) ?? []).Select(count => test.Verify(count, before)),
            ];
            PeerJson.Print(new BenchReport(
                Path.GetFileName(path),
                $"llama.cpp {LlamaLibrary.ExpectedVersion}, cpu variant {library.Variant(parsed)}",
                options.Threads,
                Math.Round(loaded.TotalMilliseconds, 1),
                Math.Round(first.TotalMilliseconds, 1),
                parsed.GetValue(context),
                memory.Total,
                memory.Anonymous,
                results,
                ResidentMemory.Read().Peak));
        });
        return command;
    }

    private static Option<int[]> Counts(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

    private static (TimeSpan Time, ResidentMemory Memory) FirstToken(PeerModel model, SpeedTestOptions options, int tokens, bool fill, long start)
    {
        using var context = new PeerContext(model, new PeerContextOptions
        {
            ContextTokens = tokens,
            Threads = options.Threads,
            KvF32 = options.KvF32,
            FlashAttention = options.FlashAttention,
        });
        context.Run([BeginId], 0);
        TimeSpan first = TimeProvider.System.GetElapsedTime(start);
        if (fill)
        {
            context.Clear();
            SpeedTest.Prefill(context, tokens, 0);
        }
        return (first, ResidentMemory.Read());
    }
}

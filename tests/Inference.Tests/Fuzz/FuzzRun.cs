using System.Diagnostics;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Templates;
using Winnow.Inference.Tests.Cpu;
using Winnow.Inference.Tests.Templates;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Fuzz;

/// <summary>What became of a case.</summary>
internal enum FuzzOutcome
{
    /// <summary>Everything that the file has could be used.</summary>
    Used,

    /// <summary>It was refused in the way that is documented.</summary>
    Refused,
}

/// <summary>Uses a file as a process does that serves it, and holds it to what hostile files may cost.</summary>
internal static class FuzzRun
{
    private const long AllowedBytes = 64L << 20;
    private const int ContextTokens = 64;
    private const string Text = "Hello, wörld 123!\n  <s>the end</s>";
    private static readonly TimeSpan AllowedTime = TimeSpan.FromSeconds(5);

    /// <summary>Opens a model, makes its tokeniser and template, loads it and runs one step.</summary>
    public static FuzzOutcome Model(string path) => Within(SizeOf(path), () =>
    {
        using ModelFile file = ModelFile.Open(path);
        _ = file.ContentHash;
        ModelFootprint footprint = ModelFootprint.Read(file);
        if (file.Folder is not null || file.Metadata.Contains("tokenizer.ggml.model"))
        {
            Tokenizer(file);
        }
        if (file.Metadata.Contains(ChatTemplate.MetadataKey))
        {
            Template(ChatTemplate.FromFile(file));
        }
        Forward(file, footprint.Configuration);
    });

    /// <summary>Opens a model and reads all its tensors.</summary>
    public static FuzzOutcome Open(string path) => Within(SizeOf(path), () =>
    {
        using ModelFile file = ModelFile.Open(path);
        _ = file.ContentHash;
        Assert.All(file.Tensors, tensor => Assert.Equal(tensor.ByteLength, file.GetData(tensor).Length));
    });

    /// <summary>Opens a model and makes and uses its tokeniser.</summary>
    public static FuzzOutcome Tokenizer(string path) => Within(SizeOf(path), () =>
    {
        using ModelFile file = ModelFile.Open(path);
        Tokenizer(file);
    });

    /// <summary>Parses and renders a template.</summary>
    public static FuzzOutcome Template(string text) => Within(text.Length, () => Template(ChatTemplate.Parse(text)));

    private static void Template(ChatTemplate template) => template.Render(TemplateSample.Input() with { AddGenerationPrompt = true, BosToken = "<s>", EosToken = "</s>" });

    private static void Tokenizer(ModelFile file)
    {
        ITokenizer tokenizer = TokenizerFactory.FromFile(file);
        int[] ids = tokenizer.Encode(Text, addSpecial: true, parseSpecial: true);
        Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
        _ = tokenizer.Decode(ids, skipSpecial: false);
    }

    private static void Forward(ModelFile file, ModelConfiguration configuration)
    {
        using IShard shard = new CpuBackend().LoadShard(file, new ShardOptions
        {
            KvBlockCount = ContextTokens / 16,
            ContextTokens = Math.Min(ContextTokens, configuration.ContextTokens),
        });
        new ShardDriver(shard).LastLogits([configuration.VocabularySize - 1], 0);
    }

    private static FuzzOutcome Within(long size, Action use)
    {
        (FuzzOutcome outcome, TimeSpan time, long bytes) = Measure(use);
        Assert.True(bytes <= AllowedBytes + size, $"took {bytes} bytes of memory for {size} bytes of file");
        // Other processes may have had the processor; what is slow by itself is slow again.
        TimeSpan again = time < AllowedTime ? time : Measure(use).Time;
        Assert.True(again < AllowedTime, $"took {time} and then {again}");
        return outcome;
    }

    private static (FuzzOutcome Outcome, TimeSpan Time, long Bytes) Measure(Action use)
    {
        FuzzOutcome outcome = FuzzOutcome.Used;
        long allocated = GC.GetAllocatedBytesForCurrentThread() + NativeBuffer.AllocatedBytesForCurrentThread;
        long began = Stopwatch.GetTimestamp();
        try
        {
            use();
        }
        catch (Exception refusal) when (refusal is ModelFileException or TemplateException)
        {
            Assert.DoesNotContain('\n', refusal.Message);
            outcome = FuzzOutcome.Refused;
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() + NativeBuffer.AllocatedBytesForCurrentThread - allocated;
        return (outcome, Stopwatch.GetElapsedTime(began), allocated);
    }

    private static long SizeOf(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path).Sum(file => new FileInfo(file).Length)
        : Directory.EnumerateFiles(Path.GetDirectoryName(path)!).Sum(file => new FileInfo(file).Length);
}

using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>The law: a row's bits depend on its tokens and positions alone.</summary>
public sealed class BatchInvarianceTests
{
    private const int Prompt = 33;

    public static TheoryData<string> Subjects => [.. LawCase.Subjects];

    [Theory]
    [MemberData(nameof(Subjects))]
    public void Forward_PromptInAnyChunks_GivesTheSameBits(string subject)
    {
        using LawCase law = new(subject);
        ShardDriver sut = law.Load();
        int[] tokens = ShardDriver.Tokens(Prompt);
        float[] whole = sut.Chain(tokens, 0);

        for (int chunk = 1; chunk < Prompt; chunk++)
        {
            List<float> parts = [];
            for (int at = 0; at < Prompt; at += chunk)
            {
                parts.AddRange(sut.Chain(tokens.AsSpan(at, Math.Min(chunk, Prompt - at)), at));
            }
            Bits.AssertEqual(whole, [.. parts], $"chunks of {chunk}");
        }
    }

    [Fact]
    public void Forward_PromptInRandomSplits_GivesTheSameBits()
    {
        using LawCase law = new(GgmlType.Q8_0);
        ShardDriver sut = law.Load();
        int[] tokens = ShardDriver.Tokens(60);
        float[] whole = sut.Chain(tokens, 0);

        Prop.ForAll(Gen.ListOf(Gen.Choose(1, 20)).ToArbitrary(), splits =>
        {
            List<float> parts = [];
            int at = 0;
            foreach (int split in splits.Append(tokens.Length))
            {
                int count = Math.Min(split, tokens.Length - at);
                parts.AddRange(count == 0 ? [] : sut.Chain(tokens.AsSpan(at, count), at));
                at += count;
            }
            return Bits.FirstDifferent(whole, parts.ToArray()) < 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public void Forward_OneTo33Sequences_GivesTheBitsOfEachAlone(string subject)
    {
        using LawCase law = new(subject);
        ShardDriver sut = law.Load();
        float[][] alone = new float[33][];
        for (int i = 0; i < alone.Length; i++)
        {
            sut.Chain(ShardDriver.Tokens(1 + i, seed: i), 0, FirstBlock(i));
            alone[i] = sut.LastLogits([100 + i], 1 + i, FirstBlock(i));
        }
        ForwardBatch batch = new();

        for (int count = 1; count <= alone.Length; count++)
        {
            batch.Clear();
            for (int i = 0; i < count; i++)
            {
                sut.Add(batch, [100 + i], 1 + i, FirstBlock(i));
            }
            Bits.AssertEqual(alone.Take(count).SelectMany(row => row).ToArray(), sut.Logits(sut.Run(batch)), $"batch of {count}");
        }
    }

    [Theory]
    [InlineData("F32", true)]
    [InlineData("F16", false)]
    [InlineData("Q8_0", true)]
    [InlineData("Q8_0", false)]
    [InlineData("Q4_0", true)]
    [InlineData("Q8_0/f32", true)]
    [InlineData("Q8_0/q8_0", true)]
    [InlineData("Q8_0/q8_0", false)]
    [InlineData("Q8_0/q4_0", true)]
    [InlineData("F16/q4_0", false)]
    [InlineData("gemma2", true)]
    [InlineData("gemma3", false)]
    [InlineData("mixtral", true)]
    [InlineData("qwen3moe", false)]
    [InlineData("phi3", true)]
    public void Forward_Tree_GivesTheBitsOfEveryPath(string subject, bool chainInPages)
    {
        using LawCase law = new(subject);
        ShardDriver sut = law.Load();
        for (int seed = 0; seed < 6; seed++)
        {
            Random random = new(seed);
            int baseLength = random.Next(0, 40);
            int[] prefix = ShardDriver.Tokens(baseLength, seed);
            TreeRows tree = TreeRows.Create(random, rows: 1 + random.Next(20), mostDepth: 20);
            if (baseLength > 0)
            {
                sut.Chain(prefix, 0);
            }
            float[] together = sut.Run(tree.Batch(sut, baseLength, chainInPages));

            for (int row = 0; row < tree.Tokens.Length; row++)
            {
                float[] path = sut.Chain([.. prefix, .. tree.PathTokens(row)], 0, firstBlock: 8);
                int width = sut.Spec.ModelSize;
                Bits.AssertEqual(path.AsSpan()[^width..], together.AsSpan(row * width, width), $"seed {seed}, row {row}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public void Forward_TreeLevelByLevel_GivesTheBitsOfTheTreeAtOnce(string subject)
    {
        using LawCase law = new(subject);
        ShardDriver sut = law.Load();
        for (int seed = 0; seed < 5; seed++)
        {
            Random random = new(seed);
            int baseLength = 1 + random.Next(0, 40);
            TreeRows tree = TreeRows.Create(random, rows: 1 + random.Next(20), mostDepth: 20);
            sut.Chain(ShardDriver.Tokens(baseLength, seed), 0);
            float[] together = sut.Run(tree.Batch(sut, baseLength, chainInPages: false));
            int width = sut.Spec.ModelSize;

            for (int depth = 0; depth <= tree.Depths.Max(); depth++)
            {
                float[] level = sut.Run(tree.Level(sut, baseLength, depth));
                int[] rows = [.. Enumerable.Range(0, tree.Tokens.Length).Where(row => tree.Depths[row] == depth)];
                Bits.AssertEqual(rows.SelectMany(row => together[(row * width)..((row + 1) * width)]).ToArray(), level, $"seed {seed}, depth {depth}");
            }
        }
    }

    [Theory]
    [InlineData("F32", new[] { 1 })]
    [InlineData("Q8_0", new[] { 2 })]
    [InlineData("Q4_0", new[] { 1, 2 })]
    [InlineData("Q8_0/q8_0", new[] { 1 })]
    [InlineData("Q8_0/q4_0", new[] { 1, 2 })]
    [InlineData("gemma2", new[] { 1 })]
    [InlineData("gemma3", new[] { 1, 2 })]
    [InlineData("mixtral", new[] { 2 })]
    [InlineData("qwen3moe", new[] { 1, 2 })]
    [InlineData("phi3", new[] { 1 })]
    public void Forward_CutIntoShards_GivesTheSameBits(string subject, int[] cuts)
    {
        using LawCase law = new(subject);
        float[] whole = Generate(law.Load());

        Bits.AssertEqual(whole, Generate(law.Load(cuts: cuts)), $"cuts {string.Join(' ', cuts)}");
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public void Forward_SeveralThreads_GiveTheSameBits(string subject)
    {
        using LawCase law = new(subject);

        Bits.AssertEqual(Generate(law.Load()), Generate(law.Load(threads: 3)), "three threads");
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public void Forward_EveryWidth_GivesTheSameBits(string subject)
    {
        using LawCase law = new(subject);
        float[] expected = Generate(law.Load(CpuKernels.Best));

        foreach (CpuKernels kernels in CpuKernels.Supported.Skip(1))
        {
            Bits.AssertEqual(expected, Generate(law.Load(kernels)), kernels.Name);
        }
    }

    [Fact]
    public void Forward_OnlySomeOutputsWanted_GivesTheirBitsAndZeros()
    {
        using LawCase law = new(GgmlType.Q8_0);
        ShardDriver sut = law.Load();
        ForwardBatch batch = new();
        int[] wanted = [17, 5, 0];
        void Fill()
        {
            batch.Clear();
            for (int i = 0; i < wanted.Length; i++)
            {
                sut.Add(batch, ShardDriver.Tokens(17, seed: i), 0, FirstBlock(i));
            }
        }
        Fill();
        float[] whole = sut.Run(batch);
        Fill();
        for (int i = 0; i < wanted.Length; i++)
        {
            batch[i].FirstOutputRow = wanted[i];
            whole.AsSpan(batch[i].FirstRow * sut.Spec.ModelSize, wanted[i] * sut.Spec.ModelSize).Clear();
        }

        Bits.AssertEqual(whole, sut.Run(batch), "some outputs");
        Bits.AssertEqual(sut.LastLogits([3], 17), law.Load().After(ShardDriver.Tokens(17, seed: 0), 3), "keys and values are stored all the same");
    }

    [Theory]
    [InlineData(GgmlType.F32)]
    [InlineData(GgmlType.Q8_0)]
    public void Forward_ReorderedSum_IsNoticed(GgmlType type)
    {
        using LawCase law = new(type);
        ShardDriver broken = law.Load(new ReorderedKernels(CpuKernels.Best));
        int[] tokens = ShardDriver.Tokens(Prompt);
        float[] whole = broken.Chain(tokens, 0);
        float[] alone = [.. Enumerable.Range(0, Prompt).SelectMany(i => broken.Chain(tokens.AsSpan(i, 1), i))];

        Assert.True(Bits.FirstDifferent(whole, alone) >= 0, "a product that sums in another order in a batch must change bits");
    }

    [Theory]
    [InlineData("Q8_0")]
    [InlineData("Q8_0/f32")]
    [InlineData("Q8_0/q8_0")]
    [InlineData("Q8_0/q4_0")]
    public void CopyBlockAndRow_ContinuedElsewhere_GivesTheSameBits(string subject)
    {
        using LawCase law = new(subject);
        ShardDriver sut = law.Load();
        sut.Chain(ShardDriver.Tokens(20), 0);
        float[] expected = sut.LastLogits([7], 20);

        sut.Shard.CopyBlock(0, 32);
        for (int i = 16; i < 20; i++)
        {
            sut.Shard.CopyRow(i, (32 * 16) + i);
        }
        Bits.AssertEqual(expected, sut.LastLogits([7], 20, firstBlock: 32), "copied");
    }

    private static int FirstBlock(int sequence) => sequence * 4;

    // Logits of a prompt and of some tokens decoded one by one.
    private static float[] Generate(ShardDriver sut)
    {
        List<float> logits = [.. sut.Logits(sut.Chain(ShardDriver.Tokens(19), 0))];
        for (int i = 0; i < 5; i++)
        {
            logits.AddRange(sut.LastLogits([40 + i], 19 + i));
        }
        return [.. logits];
    }
}

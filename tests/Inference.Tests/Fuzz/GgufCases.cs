using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Fuzz;

/// <summary>Damaged GGUF files and split sets, from the oracles of every architecture and type and from models with a tokeniser.</summary>
internal sealed class GgufCases
{
    private static readonly object[] OddValues =
        [0u, 1u, uint.MaxValue, 1u << 20, 7u, -1, long.MinValue, ulong.MaxValue, float.NaN, float.PositiveInfinity, 1e-30f, 0f, true, "", "x", (byte)3, new[] { 1, 2 }, new[] { "a" }, Array.Empty<float>()];

    private readonly List<byte[]> _files = [];
    private readonly List<(GgufBuilder Builder, string[] Keys, string[] Tensors)> _builders = [];

    public GgufCases()
    {
        using TemporaryFolder folder = new();
        foreach (string path in Directory.EnumerateFiles(Path.Combine(SharedFolder.RepositoryRoot, "tests", "Inference.Tests", "Oracles"), "*.gguf").Order(StringComparer.Ordinal))
        {
            byte[] bytes = File.ReadAllBytes(path);
            _files.Add(bytes);
        }
        foreach (GgmlType type in new[] { GgmlType.F32, GgmlType.F16, GgmlType.Q8_0, GgmlType.Q4_0 })
        {
            TinyLlama model = new() { WeightType = type, ModelSize = 32, FeedForwardSize = 32, Heads = 2, KvHeads = 1, TiedEmbeddings = type == GgmlType.Q8_0 };
            _files.Add(model.Build().ToBytes());
            using ModelFile file = ModelFile.Open(model.Write(folder));
            _builders.Add((model.Build(), [.. file.Metadata.Keys], [.. file.Tensors.Select(tensor => tensor.Name)]));
        }
    }

    /// <summary>Writes a damaged file and answers with its path.</summary>
    public string WriteFile(Random random, TemporaryFolder folder)
    {
        bool isRaw = random.Next(2) == 0;
        byte[] bytes = isRaw ? FuzzBytes.Damage(_files[random.Next(_files.Count)], random) : DamageParts(random).ToBytes();
        return folder.Write("model.gguf", !isRaw && random.Next(4) == 0 ? FuzzBytes.Damage(bytes, random) : bytes);
    }

    /// <summary>Writes a damaged split set and answers with the path of one part.</summary>
    public string WriteSet(Random random, TemporaryFolder folder)
    {
        int count = random.Next(2, 4);
        GgufBuilder[] parts = [.. Enumerable.Range(0, count).Select(i => new GgufBuilder().Set("split.no", (ushort)i).Set("split.count", (ushort)count).Set("split.tensors.count", 2 * count))];
        for (int i = 0; i < count; i++)
        {
            parts[i].Tensor($"a{i}", [2], [1, 2]).Tensor($"b{i}", [1], [3]);
        }
        if (random.Next(2) == 0)
        {
            string key = new[] { "split.no", "split.count", "split.tensors.count", "general.name" }[random.Next(4)];
            parts[random.Next(count)].Without(key).Set(key, OddValues[random.Next(OddValues.Length)]);
        }
        if (random.Next(4) == 0)
        {
            parts[random.Next(count)].Tensor($"a{random.Next(count)}", [1], [1]);
        }
        string[] paths = [.. Enumerable.Range(1, count).Select(i => folder.File($"m-{i:D5}-of-{count:D5}.gguf"))];
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = parts[i].ToBytes();
            File.WriteAllBytes(paths[i], random.Next(4) == 0 ? FuzzBytes.Damage(bytes, random) : bytes);
        }
        DamageSet(random, paths);
        return paths[random.Next(count)];
    }

    private static void DamageSet(Random random, string[] paths)
    {
        string one = paths[random.Next(paths.Length)];
        string other = paths[random.Next(paths.Length)];
        switch (random.Next(6))
        {
            case 0:
                File.Delete(one);
                break;
            case 1 when one != other:
                File.Copy(one, other, overwrite: true);
                break;
            case 2:
                File.Delete(one);
                File.CreateSymbolicLink(one, other);
                break;
            case 3:
                File.WriteAllBytes(one, []);
                break;
        }
    }

    private GgufBuilder DamageParts(Random random)
    {
        (GgufBuilder builder, string[] keys, string[] tensors) = _builders[random.Next(_builders.Count)];
        GgufBuilder damaged = builder.Copy();
        for (int changes = random.Next(1, 3); changes > 0; changes--)
        {
            string key = keys[random.Next(keys.Length)];
            string tensor = tensors[random.Next(tensors.Length)];
            string from = tensors[random.Next(tensors.Length)];
            _ = random.Next(9) switch
            {
                0 => damaged.Without(key),
                1 or 2 or 3 => damaged.Without(key).Set(key, OddValues[random.Next(OddValues.Length)]),
                4 => damaged.Without(tensor),
                5 => damaged.Without(tensor).Tensor(tensor, [random.Next(1, 4) * 32, random.Next(1, 200)], new float[32]),
                6 => damaged.Without(tensor).Tensor(tensor, [32], [float.NaN, .. new float[31]]),
                7 => damaged.Move(tensor, random.Next(3) == 0 ? long.MaxValue - 31 : random.Next(40) * 32),
                _ => damaged.Rename(tensor, from),
            };
        }
        return damaged;
    }
}

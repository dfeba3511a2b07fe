using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Winnow.Inference.Files;

/// <summary>Names a model's content cheaply.</summary>
internal static class ModelContentHash
{
    private const long WholeBytes = 64L << 20;
    private const int ChunkBytes = 1 << 20;
    private const int SampleBytes = 4096;
    private const int SamplesPerTensor = 4;
    private const int HashBytes = 16;

    /// <summary>Lower-case hex of the first 128 bits of SHA-256 over length, header and (sampled) data of each part.</summary>
    public static string Compute(ModelFile file)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(long)];
        bool whole = file.ByteLength <= WholeBytes;
        for (int i = 0; i < file.Parts.Count; i++)
        {
            ModelFilePart part = file.Parts[i];
            BinaryPrimitives.WriteInt64LittleEndian(length, part.ByteLength);
            hash.AppendData(length);
            AppendRange(hash, part, 0, whole ? part.ByteLength : part.DataOffset);
            if (!whole)
            {
                AppendSamples(hash, file, i);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, HashBytes));
    }

    private static void AppendSamples(IncrementalHash hash, ModelFile file, int part)
    {
        foreach (GgufTensor tensor in file.Tensors)
        {
            if (tensor.Part == part)
            {
                AppendSamples(hash, file.Parts[part], tensor);
            }
        }
    }

    private static void AppendSamples(IncrementalHash hash, ModelFilePart part, GgufTensor tensor)
    {
        if (tensor.ByteLength <= SampleBytes * SamplesPerTensor)
        {
            AppendRange(hash, part, tensor.Offset, tensor.ByteLength);
            return;
        }
        for (int i = 0; i < SamplesPerTensor; i++)
        {
            long at = (tensor.ByteLength - SampleBytes) / (SamplesPerTensor - 1) * i;
            hash.AppendData(part.Slice(tensor.Offset + at, SampleBytes));
        }
    }

    private static void AppendRange(IncrementalHash hash, ModelFilePart part, long offset, long length)
    {
        for (long done = 0; done < length; done += ChunkBytes)
        {
            hash.AppendData(part.Slice(offset + done, (int)Math.Min(ChunkBytes, length - done)));
        }
    }
}

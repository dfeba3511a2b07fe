namespace Winnow.Inference.Files.HuggingFace;

/// <summary>A tensor of a safetensors file, as its checked header describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type as the format spells it, such as <c>BF16</c>.</param>
/// <param name="Shape">Sizes, the row length last.</param>
/// <param name="Offset">Position from the beginning of the file, in bytes.</param>
/// <param name="ByteLength">Bytes of data.</param>
internal sealed record SafetensorsEntry(string Name, string Type, long[] Shape, long Offset, long ByteLength);

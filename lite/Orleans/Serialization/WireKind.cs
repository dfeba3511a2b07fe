namespace Orleans.Serialization;

/// <summary>
/// The byte before a value, which says how to read or skip it. A message is the format's version (one byte) and one value.
/// </summary>
internal enum WireKind : byte
{
    /// <summary>No value; nothing follows.</summary>
    Null = 0,

    /// <summary>Seven bits a byte, least significant first, the top bit set on all but the last; at most 10 bytes.</summary>
    Varint = 1,

    /// <summary>4 bytes, little-endian.</summary>
    Fixed32 = 2,

    /// <summary>8 bytes, little-endian.</summary>
    Fixed64 = 3,

    /// <summary>A varint length and that many bytes.</summary>
    Bytes = 4,

    /// <summary>A varint count of members; each is a varint id and a value.</summary>
    Object = 5,

    /// <summary>
    /// A shape byte (0 array, 1 list), a varint count, the kind of all elements or <see cref="Null"/> when each has its own, the elements.
    /// </summary>
    List = 6,

    /// <summary>A comparer byte (0 default, 1 ordinal, 2 ordinal ignoring case), a varint count, that many keys and values in turn.</summary>
    Map = 7,
}

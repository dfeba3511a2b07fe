namespace Winnow.Silo.Storage;

/// <summary>Finds stored records by their age, which grain storage by itself cannot.</summary>
internal interface IStateIndex
{
    /// <summary>Keys of the grains whose record of that name was last written before a time.</summary>
    /// <param name="stateName">Name of the state; the grains' keys have at most <see cref="FileGrainStorage.LongestPlainKey"/> characters of ASCII letters, digits and <c>-_.</c>.</param>
    /// <param name="before">The time.</param>
    /// <param name="cancellation">Ends the search.</param>
    Task<IReadOnlyList<string>> FindAsync(string stateName, DateTimeOffset before, CancellationToken cancellation);
}
